"""The forms of a result for other programs and for tickets, each made from the result alone."""
