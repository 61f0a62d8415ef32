"""Pages of the local Hub that a person can click. They know cookies only: like the Hub's, they ignore tokens (HC §1.4)."""
