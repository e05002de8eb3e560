"""What may be done: the policy as data, and the checks that every action passes before it touches traffic."""
