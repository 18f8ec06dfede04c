"""Mail in and out as plain values. Knows nothing of Excel, rounds or forms."""
