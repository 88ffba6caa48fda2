"""The lake on a laptop: moto and local Athena, a generator of facility files, and the demo."""
