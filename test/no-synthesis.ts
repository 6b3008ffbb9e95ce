// Stands in for the CDK in unit tests, so that a synthesis cannot slip into them: it takes seconds.
throw new Error('A unit test may not synthesise: list its file under "built" in vitest.config.ts.');
