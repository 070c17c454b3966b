"""The vendor report: what would become of a vendor's bundles, before anything is expected of them."""
