"""How a referral mechanism works, in quarterly counts: stages, sources, forms, sexes, age bands. Never a case."""
