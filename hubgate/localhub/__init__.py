"""The local Hub: a separate process that speaks the Hugging Face Hub's protocol from recorded facts (HC).

It has a Django project, a store and cookies of its own, and imports nothing else of hubgate; of hubgate only tests and
the demo use it, over HTTP. `python -m hubgate.localhub --help` starts it, `door.py` arranges its state.
"""
