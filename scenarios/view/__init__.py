"""Live pages: a world that is played step by step in a browser, judged as it goes."""
