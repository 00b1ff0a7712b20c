package io.tidemark.launcher.demo;

import java.nio.file.Path;

/**
 * How the demo runs.
 *
 * @param folder where everything lies
 * @param changesPerSecond how many changes to publish in a second; 0 for as many as go
 */
record DemoOptions(Path folder, int changesPerSecond) {}
