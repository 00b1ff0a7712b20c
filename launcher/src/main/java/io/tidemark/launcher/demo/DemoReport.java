package io.tidemark.launcher.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the demo prints in the end. */
final class DemoReport {

  private final DemoResult result;
  private final Path parts;
  private final Path script;
  private final StringBuilder text = new StringBuilder();

  /**
   * A report.
   *
   * @param parts the folder with the Parquet
   * @param script the file with the views for DuckDB
   */
  DemoReport(DemoResult result, Path parts, Path script) {
    this.result = result;
    this.parts = parts;
    this.script = script;
  }

  String text() {
    line("%s", beginning());
    result.collections().forEach(this::collection);
    commits();
    if (result.isAsExpected()) {
      line("Check: the snapshots hold exactly what the flights come to.");
      query();
    } else {
      line("Check FAILED: the snapshots are not what the flights come to.");
    }
    return text.toString();
  }

  private String beginning() {
    if (result.wasComplete()) {
      return "Everything was there already: nothing was published, all of it was checked again.";
    }
    return result.wasResumed()
        ? "The demo went on where an earlier run had stopped."
        : "20,000 flights went through the event bus.";
  }

  private void collection(DemoResult.Collection each) {
    line(
        "  %-9s %,7d updates committed (%,d by earlier runs); at time %d a snapshot has %,d rows,"
            + " %,d of them wrong or missing; %,d Parquet files",
        each.name(),
        each.updates(),
        each.resumed(),
        each.read().asOf(),
        each.read().rows().size(),
        each.differences(),
        each.read().partKeys().size());
    if (each.read().inlineBytes() > 0) {
      line(
          "  %,d bytes of '%s' are not in Parquet yet but in the node's state, since another node"
              + " has used this folder: the query below misses them.",
          each.read().inlineBytes(), each.name());
    }
  }

  private void commits() {
    List<Long> nanos = new ArrayList<>(result.commitNanos());
    if (!nanos.isEmpty()) {
      nanos.sort(null);
      line(
          "  %,d commits, from publishing to durable: median %.1f ms, 99%% within %.1f ms",
          nanos.size(),
          nanos.get(nanos.size() / 2) / 1e6,
          nanos.get(nanos.size() * 99 / 100) / 1e6);
    }
  }

  private void query() {
    line("The Parquet lies in %s", parts);
    line("Which of the files belong to which collection, and how to read them, is in %s", script);
    line("Try it with DuckDB:");
    line("");
    line("  duckdb -init %s -c \"%s\"", script, DuckDbScript.QUERY);
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
