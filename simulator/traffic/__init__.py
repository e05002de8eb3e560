"""The closed loop: payments flow over routes, faults strike, and actions change what happens next."""
