"""The offer as written: what a scenario file may say, checked for form, before any of it is dated against the calendar.

Ground for both wings: the world reads its drivers here, the deal its terms. Nothing in here computes money.
"""
