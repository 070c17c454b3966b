"""PASiS's side: Region Skåne's register of contacts. Its interface is not public: all of it is assumed."""
