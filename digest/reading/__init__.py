"""What several dump formats share: bytes to lines, the records of a JSON file, pages' chrome."""
