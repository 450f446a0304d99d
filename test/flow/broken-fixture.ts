/** @file A task module that cannot be loaded. */
throw new Error("broken at import");
