package io.tidemark.launcher.faults;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts what was injected, what the system survived, and what was found broken afterwards. Thread
 * safe. A class of faults that was planned and never injected is a failure: a test that tests
 * nothing must not pass.
 */
final class FaultLedger {

  private final Map<FaultClass, Entry> entries = new EnumMap<>(FaultClass.class);

  /** What is known of one class. */
  private static final class Entry {
    private int injected;
    private int survived;
    private final List<String> violations = new ArrayList<>();
    private final List<Long> recoveryMillis = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private String skipped = "";
  }

  FaultLedger(Set<FaultClass> planned) {
    planned.forEach(each -> entries.put(each, new Entry()));
  }

  private Entry entry(FaultClass fault) {
    return entries.computeIfAbsent(fault, unplanned -> new Entry());
  }

  /** A fault was really injected. */
  synchronized void injected(FaultClass fault) {
    entry(fault).injected++;
  }

  /**
   * Rows are committed again after a fault, and the checker found nothing.
   *
   * @param recoveryMillis from the fault to the first commit of what was sent after it; below 0 if
   *     it means nothing for this fault
   */
  synchronized void survived(FaultClass fault, long recoveryMillis) {
    entry(fault).survived++;
    if (recoveryMillis >= 0) {
      entry(fault).recoveryMillis.add(recoveryMillis);
    }
  }

  /** Something that must never be. */
  synchronized void violated(FaultClass fault, String violation) {
    entry(fault).violations.add(violation);
  }

  /** Something worth a line below the table. */
  synchronized void note(FaultClass fault, String note) {
    entry(fault).notes.add(note);
  }

  /** The machine does not allow this class. */
  synchronized void skipped(FaultClass fault, String why) {
    entry(fault).skipped = why;
  }

  /** What makes the run a failure, one text for each reason; empty if all is well. */
  synchronized List<String> failures() {
    List<String> failures = new ArrayList<>();
    entries.forEach(
        (fault, entry) -> {
          if (entry.injected == 0 && entry.skipped.isEmpty()) {
            failures.add(fault + " was planned and never injected");
          }
          if (entry.survived != entry.injected) {
            failures.add(
                fault + ": " + entry.injected + " injected, " + entry.survived + " survived");
          }
          entry.violations.forEach(each -> failures.add(fault + ": " + each));
        });
    return failures;
  }

  /** The table, for people. */
  synchronized String table() {
    StringBuilder table = new StringBuilder();
    String row = "%-58s %9s %9s %11s %11s %9s%n";
    table.append(
        row.formatted("fault class", "injected", "survived", "violations", "median ms", "max ms"));
    entries.forEach(
        (fault, entry) -> {
          table.append(
              entry.skipped.isEmpty()
                  ? row.formatted(
                      fault.text(),
                      entry.injected,
                      entry.survived,
                      entry.violations.size(),
                      entry.recoveryMillis.isEmpty() ? "-" : percentile(entry.recoveryMillis, 50),
                      entry.recoveryMillis.isEmpty() ? "-" : percentile(entry.recoveryMillis, 100))
                  : "%-58s SKIPPED (%s)%n".formatted(fault.text(), entry.skipped));
        });
    entries.forEach(
        (fault, entry) ->
            entry.notes.forEach(note -> table.append("  %s: %s%n".formatted(fault, note))));
    return table.toString();
  }

  /** Adds what another process has counted. Its lines are those of {@link #lines}. */
  synchronized void add(List<String> lines) {
    for (String line : lines) {
      String[] fields = line.split("\t", 3);
      FaultClass fault = FaultClass.valueOf(fields[0]);
      switch (fields[1]) {
        case "injected" -> entry(fault).injected += Integer.parseInt(fields[2]);
        case "survived" -> entry(fault).survived += Integer.parseInt(fields[2]);
        case "violation" -> entry(fault).violations.add(fields[2]);
        case "recovery" -> entry(fault).recoveryMillis.add(Long.valueOf(fields[2]));
        case "note" -> entry(fault).notes.add(fields[2]);
        case "skipped" -> entry(fault).skipped = fields[2];
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  /** Everything that was counted, for {@link #add}. */
  synchronized List<String> lines() {
    List<String> lines = new ArrayList<>();
    entries.forEach(
        (fault, entry) -> {
          lines.add(fault + "\tinjected\t" + entry.injected);
          lines.add(fault + "\tsurvived\t" + entry.survived);
          entry.violations.forEach(each -> lines.add(fault + "\tviolation\t" + oneLine(each)));
          entry.recoveryMillis.forEach(each -> lines.add(fault + "\trecovery\t" + each));
          entry.notes.forEach(each -> lines.add(fault + "\tnote\t" + oneLine(each)));
          if (!entry.skipped.isEmpty()) {
            lines.add(fault + "\tskipped\t" + oneLine(entry.skipped));
          }
        });
    return lines;
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }

  private static long percentile(List<Long> values, int percent) {
    List<Long> sorted = values.stream().sorted().toList();
    return sorted.get((sorted.size() - 1) * percent / 100);
  }
}
