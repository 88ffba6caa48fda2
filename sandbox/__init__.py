"""The laptop lake: moto and local Athena, a generator of facility files, and the demo."""
