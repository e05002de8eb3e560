"""The commands of `run.py`: what they are called, what may be given to them, and who carries them out.

Heavy imports happen inside the commands, so that `--help` answers at once.
"""
