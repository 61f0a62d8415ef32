"""The local Hub's pages for people. They know cookies only: like the Hub's, they ignore tokens (HC §1.4)."""
