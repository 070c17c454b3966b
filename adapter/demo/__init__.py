"""The main job, shown: a real adapter and a real simulator as child processes, fed with the samples."""
