package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Runs scripts about a spine. A script is blocks with an empty line between them: commands, a line
 * {@code ----}, then what they print. Lines that begin with {@code #} say why.
 *
 * <pre>
 *   new                                    begin with an empty spine, as every script does
 *   push [lower=T] upper=T len=N [runs=N]  append a batch of N updates
 *   since T                                move the since
 *   merged ids=A-B len=N [since=T] [runs=N] [lower=T upper=T]
 *                                          put a result in the place of batches A to B
 *   exert fuel=N                           work without a batch
 *   state                                  draw the levels, the highest first
 *   requests                               what is to be rewritten, oldest first
 *   rollup                                 encode and decode: prints "same", or what differs
 * </pre>
 */
final class SpineScript {

  private static final String SEPARATOR = "----";

  private Spine spine = new Spine();

  /** The script with what its commands print now. */
  static String run(String script) {
    SpineScript runner = new SpineScript();
    List<String> lines = new ArrayList<>();
    List<String> printed = new ArrayList<>();
    boolean isOutput = false;
    for (String line : script.lines().toList()) {
      if (line.isEmpty()) {
        isOutput = false;
      }
      if (isOutput) {
        continue;
      }
      lines.add(line);
      if (line.equals(SEPARATOR)) {
        lines.addAll(printed);
        printed.clear();
        isOutput = true;
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        runner.execute(line, printed);
      }
    }
    if (!printed.isEmpty()) {
      throw new IllegalArgumentException("nothing says what is printed: " + printed);
    }
    return String.join("\n", lines) + "\n";
  }

  private void execute(String line, List<String> printed) {
    String[] words = line.split(" +", -1);
    Map<String, String> given = new TreeMap<>();
    for (int i = 1; i < words.length; i++) {
      String[] parts = words[i].split("=", 2);
      given.put(parts.length == 2 ? parts[0] : "", parts[parts.length - 1]);
    }
    try {
      switch (words[0]) {
        case "new" -> spine = new Spine();
        case "push" -> push(given);
        case "since" -> spine.advanceSince(time(given.get("")));
        case "merged" -> merged(given);
        case "exert" -> {
          if (!spine.exert(number(given, "fuel", 0))) {
            printed.add("nothing");
          }
        }
        case "state" -> draw(printed);
        case "requests" -> requests(printed);
        case "rollup" -> rollup(printed);
        default -> throw new IllegalArgumentException("there is no command '" + line + "'");
      }
    } catch (CorruptShardException e) {
      printed.add("error: " + e.getMessage());
    }
    spine.checkInvariants();
  }

  private void push(Map<String, String> given) {
    Antichain lower = given.containsKey("lower") ? time(given.get("lower")) : spine.upper();
    BatchDescription range = new BatchDescription(lower, time(given.get("upper")));
    long length = number(given, "len", 0);
    int runs = (int) number(given, "runs", Math.min(1, length));
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      parts.add(part(range, length / runs + (i < length % runs ? 1 : 0)));
    }
    spine.push(new Batch(range, parts));
  }

  private void merged(Map<String, String> given) {
    String[] ends = given.get("ids").split("-", 2);
    IdRange ids = new IdRange(Long.parseLong(ends[0]), Long.parseLong(ends[ends.length - 1]) + 1);
    List<Batch> inputs = spine.within(ids);
    BatchDescription range =
        given.containsKey("lower")
            ? new BatchDescription(time(given.get("lower")), time(given.get("upper")))
            : inputs.isEmpty()
                ? new BatchDescription(Antichain.minimum(), Antichain.of(1))
                : Batch.concatenation(inputs).description();
    long length = number(given, "len", 0);
    List<Part> parts = length == 0 ? List.of() : List.of(part(range, length));
    int runs = (int) number(given, "runs", parts.size());
    spine.replace(
        ids, new Batch(range, parts, new Batch.Compaction(number(given, "since", 0), runs)));
  }

  private static Part part(BatchDescription range, long updates) {
    return new Part.Hollow("part", 1, 1, updates, range, null);
  }

  private static long number(Map<String, String> given, String name, long otherwise) {
    return given.containsKey(name) ? Long.parseLong(given.get(name)) : otherwise;
  }

  private static Antichain time(String text) {
    return text.equals("end") ? Antichain.empty() : Antichain.of(Long.parseLong(text));
  }

  private static String text(Antichain frontier) {
    return frontier.isEmpty() ? "end" : "" + frontier.time();
  }

  private static String range(BatchDescription range) {
    return "[" + text(range.lower()) + "," + text(range.upper()) + ")";
  }

  private void draw(List<String> printed) {
    for (int k = spine.levels().size() - 1; k >= 0; k--) {
      SpineLevel level = spine.levels().get(k);
      String batches =
          level.batches().stream().map(SpineScript::drawn).collect(Collectors.joining(" + "));
      SpineShape.Merge merge = level.merge();
      printed.add(
          "L"
              + k
              + " "
              + (batches.isEmpty() ? "-" : batches)
              + (merge == null
                  ? ""
                  : ", merging " + merge.remaining() + " left" + since(merge.since())));
    }
  }

  private static String drawn(SpineBatch batch) {
    SpineEntry first = batch.entries().get(0);
    boolean plain =
        batch.entries().size() == 1 && first.batch().since().equals(Antichain.minimum());
    return batch.ids()
        + " "
        + range(new BatchDescription(batch.lower(), batch.upper()))
        + " len="
        + batch.length()
        + since(batch.since())
        + (plain ? "" : " of " + entries(batch.entries()));
  }

  private static String since(Antichain since) {
    return since.equals(Antichain.minimum()) ? "" : " since=" + text(since);
  }

  private static String entries(List<SpineEntry> entries) {
    return entries.stream()
        .map(
            entry -> {
              Antichain since = entry.batch().since();
              boolean plain = since.equals(Antichain.minimum());
              return entry.ids() + (plain ? "" : "@" + text(since));
            })
        .collect(Collectors.joining(" "));
  }

  private void requests(List<String> printed) {
    for (MergeRequest request : spine.requests()) {
      printed.add(
          request.ids()
              + " "
              + range(request.description())
              + " since="
              + text(request.since())
              + " of "
              + entries(request.inputs()));
    }
    if (spine.requests().isEmpty()) {
      printed.add("none");
    }
  }

  private void rollup(List<String> printed) {
    List<String> before = new ArrayList<>();
    draw(before);
    requests(before);
    spine = SpineCodec.throughBytes(spine);
    List<String> after = new ArrayList<>();
    draw(after);
    requests(after);
    printed.addAll(before.equals(after) ? List.of("same") : after);
  }
}
