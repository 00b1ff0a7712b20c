package io.tidemark.launcher.faults;

import io.tidemark.launcher.faults.History.Acked;
import io.tidemark.launcher.faults.History.Events;
import io.tidemark.launcher.faults.History.Message;
import io.tidemark.launcher.faults.History.Sent;
import io.tidemark.persist.ShardLog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compares what was sent and acknowledged with what a shard holds. Knows nothing of the system: it
 * gets what the producers saw, and what was read straight from the stores. One checker follows one
 * shard through a run, so that it sees what goes back between two checks.
 */
final class Checker {

  /** More violations of one kind tell nothing new. */
  static final int MAX_OF_A_KIND = 5;

  private final TreeMap<Long, ShardLog.Entry> versions = new TreeMap<>();
  private long upper;
  private long epoch;

  /** What the stores held at one moment. */
  record Stored(List<StoredRow> rows, List<ShardLog.Entry> log, long upper, long epoch) {}

  /** Violations, grouped so that one kind does not hide another. */
  private static final class Findings {
    private final Map<String, Integer> counts = new TreeMap<>();
    private final List<String> texts = new ArrayList<>();

    void add(String kind, String text) {
      if (counts.merge(kind, 1, Integer::sum) <= MAX_OF_A_KIND) {
        texts.add(kind + ": " + text);
      }
    }
  }

  /**
   * Checks everything.
   *
   * @param before what had happened before the stores were read: what was acknowledged must be
   *     there
   * @param after what had happened after they were read: nothing else may be there
   * @return what is wrong, one text each; empty if nothing is
   */
  List<String> check(Events before, Stored stored, Events after) {
    Findings findings = new Findings();
    checkLog(stored, findings);
    Map<Message, List<StoredRow>> messages = new HashMap<>();
    for (StoredRow row : stored.rows()) {
      messages.computeIfAbsent(row.message(), first -> new ArrayList<>()).add(row);
      if (row.time() >= stored.upper()) {
        findings.add(
            "beyond",
            "a row of "
                + row.message()
                + " is at "
                + row.time()
                + ", the upper is "
                + stored.upper());
      }
    }
    messages.forEach(
        (message, rows) -> checkMessage(message, rows, after.sent().get(message), findings));
    Map<String, Set<Long>> commits = new HashMap<>();
    for (StoredRow row : stored.rows()) {
      commits.computeIfAbsent(row.message().producer(), first -> new HashSet<>()).add(row.time());
    }
    before
        .acked()
        .forEach(
            (message, acked) -> {
              List<StoredRow> rows = messages.get(message);
              checkAcked(message, acked, rows, findings);
              if (rows != null) {
                checkTime(message, acked, rows.get(0), commits, findings);
              }
            });
    checkOrder(messages, findings);
    checkRealTime(messages, after, findings);
    return findings.texts;
  }

  private static void checkMessage(
      Message message, List<StoredRow> rows, Sent sent, Findings findings) {
    if (sent == null) {
      findings.add("phantom", "message " + message + " is stored and was never sent");
      return;
    }
    Map<Integer, Long> copies = new TreeMap<>();
    for (StoredRow row : rows) {
      if (!row.isIntact() || row.of() != sent.rows()) {
        findings.add("garbled", "message " + message + " holds " + row);
      }
      copies.merge(row.index(), row.diff(), Long::sum);
      if (row.time() != rows.get(0).time()) {
        findings.add(
            "torn",
            "message " + message + " is at " + rows.get(0).time() + " and at " + row.time());
      }
    }
    for (int i = 0; i < sent.rows(); i++) {
      long count = copies.getOrDefault(i, 0L);
      if (count > 1 || count < 0) {
        findings.add(
            "duplicated", "row " + i + " of message " + message + " is there " + count + " times");
      } else if (count == 0) {
        findings.add(
            "torn", "row " + i + " of message " + message + " is missing, others are there");
      }
    }
  }

  /**
   * A reply tells a time at which a snapshot holds the message: its own; or, if it was sent again
   * and found committed, that of the newest commit of its producer.
   */
  private static void checkTime(
      Message message,
      Acked acked,
      StoredRow row,
      Map<String, Set<Long>> commits,
      Findings findings) {
    if (row.time() > acked.time()
        || !commits.getOrDefault(message.producer(), Set.of()).contains(acked.time())) {
      findings.add(
          "moved",
          "message "
              + message
              + " was acknowledged at "
              + acked.time()
              + " and is at "
              + row.time());
    }
  }

  private static void checkAcked(
      Message message, Acked acked, List<StoredRow> rows, Findings findings) {
    if (rows == null) {
      findings.add(
          "lost", "message " + message + ", acknowledged at " + acked.time() + ", is not there");
    } else if (acked.upper() <= acked.time()) {
      findings.add(
          "early",
          "message "
              + message
              + " was acknowledged at "
              + acked.time()
              + " with the upper "
              + acked.upper());
    }
  }

  /** The messages of one producer are there in their order, with no gap. */
  private static void checkOrder(Map<Message, List<StoredRow>> messages, Findings findings) {
    Map<String, TreeMap<Long, Long>> producers = new TreeMap<>();
    messages.forEach(
        (message, rows) ->
            producers
                .computeIfAbsent(message.producer(), first -> new TreeMap<>())
                .put(message.sequence(), rows.get(0).time()));
    producers.forEach(
        (producer, times) -> {
          long expected = 1;
          long last = 0;
          for (Map.Entry<Long, Long> each : times.entrySet()) {
            if (each.getKey() != expected) {
              findings.add(
                  "gap",
                  "producer "
                      + producer
                      + ": "
                      + each.getKey()
                      + " is there and "
                      + expected
                      + " is not");
            }
            if (each.getValue() < last) {
              findings.add(
                  "reordered",
                  "producer " + producer + ": " + each.getKey() + " is before the one before it");
            }
            last = each.getValue();
            expected = each.getKey() + 1;
          }
        });
  }

  /** What was sent after another message was acknowledged is not before it. */
  private static void checkRealTime(
      Map<Message, List<StoredRow>> messages, Events events, Findings findings) {
    TreeMap<Long, Long> uppers = new TreeMap<>();
    long max = 0;
    List<Acked> acks = new ArrayList<>(events.acked().values());
    acks.sort(Comparator.comparingLong(Acked::nanos));
    for (Acked acked : acks) {
      max = Math.max(max, acked.time());
      uppers.put(acked.nanos(), max);
    }
    messages.forEach(
        (message, rows) -> {
          Sent sent = events.sent().get(message);
          Map.Entry<Long, Long> acked = sent == null ? null : uppers.lowerEntry(sent.nanos());
          if (acked != null && rows.get(0).time() <= acked.getValue()) {
            findings.add(
                "stale",
                "message "
                    + message
                    + " is at "
                    + rows.get(0).time()
                    + ", and was sent when "
                    + acked.getValue()
                    + " had been acknowledged");
          }
        });
  }

  /** Versions have no gap, follow each other, and none of those seen before has changed. */
  private void checkLog(Stored stored, Findings findings) {
    ShardLog.Entry before = null;
    long at = -1;
    for (ShardLog.Entry entry : stored.log()) {
      if (before != null && entry.seqno() != before.seqno() + 1) {
        findings.add("versions", entry.seqno() + " follows " + before.seqno());
      }
      ShardLog.Entry known = versions.putIfAbsent(entry.seqno(), entry);
      if (known != null && !known.equals(entry)) {
        findings.add(
            "rewritten", "version " + entry.seqno() + " was " + known + " and is " + entry);
      }
      if (entry.isPush()) {
        if (entry.upper() <= entry.lower() || (at >= 0 && entry.lower() != at)) {
          findings.add(
              "tiling",
              "version "
                  + entry.seqno()
                  + " appends ["
                  + entry.lower()
                  + ", "
                  + entry.upper()
                  + ") at "
                  + at);
        }
        at = entry.upper();
      }
      before = entry;
    }
    checkEpochs(findings);
    if (!versions.isEmpty() && before != null && before.seqno() < versions.lastKey()) {
      findings.add(
          "versions", "the newest was " + versions.lastKey() + " and is " + before.seqno());
    }
    if (stored.upper() < upper || stored.epoch() < epoch) {
      findings.add(
          "regressed",
          "upper and epoch were "
              + upper
              + ", "
              + epoch
              + " and are "
              + stored.upper()
              + ", "
              + stored.epoch());
    }
    upper = Math.max(upper, stored.upper());
    epoch = Math.max(epoch, stored.epoch());
  }

  /** Over all versions that were ever seen: an epoch rises, and an upper does, too. */
  private void checkEpochs(Findings findings) {
    long lastEpoch = 0;
    long lastUpper = 0;
    for (ShardLog.Entry entry : versions.values()) {
      if (entry.epoch() != 0 && entry.epoch() <= lastEpoch) {
        findings.add(
            "epochs",
            "version " + entry.seqno() + " begins epoch " + entry.epoch() + " after " + lastEpoch);
      }
      if (entry.isPush() && entry.upper() < lastUpper) {
        findings.add(
            "regressed",
            "version "
                + entry.seqno()
                + " takes the upper from "
                + lastUpper
                + " to "
                + entry.upper());
      }
      lastEpoch = Math.max(lastEpoch, entry.epoch());
      lastUpper = Math.max(lastUpper, entry.upper());
    }
  }
}
