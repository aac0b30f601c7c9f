"""Populations of learners, imitators and mirrors on a network, with one planner for all."""
