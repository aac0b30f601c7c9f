from .pictures.networks import draw_network as draw_network
from .pictures.payoff_space import draw_payoff_space as draw_payoff_space
from .stored.reading import StoredResult as StoredResult
from .stored.reading import open_result as open_result
from .sweeps.run import sweep as sweep
