"""What the same work costs at least on this machine: raw SQL, bare parsing, a view without a framework's comforts."""
