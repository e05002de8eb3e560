"""How the roles are wired: state, crew, approvals, checkpoints. LangGraph lives here and nowhere else."""
