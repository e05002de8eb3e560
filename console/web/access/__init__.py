"""Who may look and who may decide: people, sign-in, forged requests."""
