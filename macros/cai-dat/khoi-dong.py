"""Where the packed program begins: its worker processes start here again."""

import multiprocessing

from cchc_xl.cli import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    main()
