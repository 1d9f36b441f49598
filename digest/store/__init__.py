from digest.store.store import Shelves, Store, open_store

__all__ = ["Shelves", "Store", "open_store"]
