"""Episodes: the world, a policy at work in it, and what is measured of both."""
