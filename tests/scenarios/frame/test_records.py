"""A finished cell as bytes, and back."""

import numpy as np
import xarray as xr

from scenarios.frame.records import cell_bytes, read_cell
from scenarios.frame.scenario import Measured


def test_data_come_back_as_they_were() -> None:
    data = xr.Dataset(
        {
            "x": (("run", "player"), np.arange(6.0).reshape(3, 2), {"units": "payoff"}),
            "name": ("player", np.array(["a", "longer"], dtype=object)),
            "chosen": ("run", [True, False, True]),
            "count": ((), np.int8(7)),
            "nothing": ("run", [np.nan, np.inf, -0.0]),
        },
        {"player": ["one", "two"], "label": ("run", [1, 2, 3])},
        {"seed": 2**80, "list": [1, 2.5], "text": "\x1b ü", "array": np.arange(2)},
    )
    read = read_cell(cell_bytes("game/condition", data))
    assert (read.group, list(read.cells), list(read.verdicts)) == ("game/condition", [], [])
    assert read.data is not None
    assert read.played is read.data
    for name in data.variables:
        values = read.data[name].values
        assert np.array_equal(values, data[name].values.astype(values.dtype), equal_nan=name == "nothing")
        assert read.data[name].dims == data[name].dims
        assert (name in read.data.coords) == (name in data.coords)
    assert read.data["chosen"].dtype == bool
    assert read.data["count"].dtype == np.int8
    assert np.signbit(read.data["nothing"].values[2])
    assert read.data["x"].attrs == {"units": "payoff"}
    assert read.data.attrs == data.attrs | {"array": [0, 1]}


def test_measured_cells_come_back_with_or_without_data() -> None:
    measured = Measured(cells=[{"mean": 0.1, "interval": None}], verdicts=[{"labels": {"Nash": 1}}])
    read = read_cell(cell_bytes("a", measured))
    assert read.data is None
    assert list(read.cells) == list(measured.cells)
    assert list(read.verdicts) == list(measured.verdicts)
    assert read.played == measured
    data = xr.Dataset({"x": ("run", [1.0])})
    with_data = read_cell(cell_bytes("a", Measured(data=data))).played
    assert isinstance(with_data, Measured)
    assert with_data.data is not None
    assert with_data.data.identical(data)
