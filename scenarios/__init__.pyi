from .stored.reading import StoredResult as StoredResult
from .stored.reading import open_result as open_result
from .sweeps.run import sweep as sweep
