"""From the workbooks that count to the outputs: consolidation, corrections, earlier periods, reruns."""
