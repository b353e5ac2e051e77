"""A seeded simulation of the whole protocol: people, worker, clock, Razorpay, faults and crashes. See docs/simulation.md."""
