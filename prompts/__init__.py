"""What a parent hears: texts per language, recorded and synthesised clips, mixing."""
