"""Games with state (Markov games): environments, what can be enumerated, exact values, a planner."""

try:
    import jax as jax
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("games with state need JAX (pip install 'commonweal[deep]')") from error
