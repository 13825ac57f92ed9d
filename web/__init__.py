"""All that speaks HTTP: one blueprint a file. Never imports torch, PIL or numpy."""
