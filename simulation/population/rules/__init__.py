"""Rules of populations, one file each: by which agents on a network choose and change."""
