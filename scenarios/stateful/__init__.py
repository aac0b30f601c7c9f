"""Experiments in games with state: learners and planners where what is done changes what can be done."""
