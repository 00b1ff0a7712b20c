package io.tidemark.write;

import io.tidemark.persist.Advance;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Claim;
import io.tidemark.protocol.Messages.ClaimPartition;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Messages.SubmitSource;
import io.tidemark.protocol.Messages.Taken;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.UpdateBlock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of sources, for the partitions that the roster gives to this writer: updates
 * with their times, then how far the partition is complete. An update below the last cut is in the
 * shard already, or is a replay of what is: it is dropped, and counted.
 */
final class SourceWriter extends EpochWriter {

  /** How many offsets of one partition may wait for the upper. */
  static final int MAX_MARKS = 1024;

  /** How many messages of one partition may wait for the upper. */
  static final int MAX_WAITING = 8192;

  private final WriterSettings settings;
  private final TreeMap<Integer, Partition> partitions = new TreeMap<>();
  private long sessions;
  private long skipped;

  /**
   * @param owned the partitions of this writer
   */
  SourceWriter(Join join, String self, List<Integer> owned, WriterSettings settings, Port port) {
    super(join, self, port);
    this.settings = settings;
    for (int partition : owned) {
      String offset = join.offsets().get(String.valueOf(partition));
      partitions.put(partition, new Partition(partition, join.upper(), offset));
    }
  }

  /** A message that has arrived, and who waits for it. */
  private record Arrived(
      SubmitSource message, @Nullable UpdateBlock rows, Answer<Taken> answer, long sinceMillis) {}

  /** Somebody who waits until the upper reaches a frontier. */
  private record Waiting(Antichain frontier, Answer<Taken> answer) {}

  /** Where the source stands at a frontier. */
  private record Mark(Antichain frontier, String offset) {}

  /**
   * One source partition in this epoch. Invariant: no update that is not dropped was taken below
   * {@code frontier} after that was announced.
   */
  private static final class Partition {
    private final int number;
    private final TreeMap<Long, Arrived> early = new TreeMap<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();
    private Antichain frontier;
    private long maxTime = -1;
    private @Nullable String offset;
    private long session;
    private long taken;
    private String instance = "";
    private long attempt;

    Partition(int number, Antichain frontier, @Nullable String offset) {
      this.number = number;
      this.frontier = frontier;
      this.offset = offset;
    }

    /** Whether everything that was taken and announced is before {@code upper}. */
    private boolean isBefore(Antichain upper) {
      return frontier.lessEqual(upper) && !upper.lessEqual(maxTime);
    }
  }

  /** How many updates were dropped because they were below the last cut. */
  long skipped() {
    return skipped;
  }

  /** How far the partitions of this writer have come. */
  Map<Integer, Antichain> frontiers() {
    Map<Integer, Antichain> frontiers = new HashMap<>();
    partitions.forEach((number, partition) -> frontiers.put(number, partition.frontier));
    return frontiers;
  }

  /** A source claims a partition; the claim before is fenced. */
  void claim(ClaimPartition claim, Answer<Claim> answer) {
    Partition partition = partitions.get(claim.partition());
    if (partition == null) {
      answer.refuse(notHere(claim.partition()));
      return;
    }
    boolean again = claim.instance().equals(partition.instance);
    if (again && claim.attempt() < partition.attempt) {
      answer.refuse(
          new RefusedException(FailureCode.FENCED, "this claim came late: a later one holds"));
      return;
    }
    if (!again || claim.attempt() > partition.attempt) {
      if (!partition.isBefore(upper())) {
        // What the earlier claim staged would be there twice once the source sends it again.
        String reason = "partition " + partition.number + " was claimed again";
        port().endEpoch(reason);
        answer.refuse(
            new RefusedException(
                FailureCode.STALE_EPOCH,
                reason + " while updates of its earlier claim are staged: a new epoch begins"));
        return;
      }
      partition.taken = 0;
      partition.instance = claim.instance();
      partition.attempt = claim.attempt();
      partition.session = ++sessions;
      refuseEarly(partition, fenced(partition.number));
    }
    answer.done(
        new Claim(
            join().epoch(),
            self(),
            partition.session,
            upper(),
            partition.offset,
            join().schema(),
            settings.creditBytes()));
  }

  /** A source's message; its rows, if any, fit the schema. */
  void submit(
      SubmitSource message, @Nullable UpdateBlock rows, long nowMillis, Answer<Taken> answer) {
    Partition partition = partitions.get(message.partition());
    if (partition == null) {
      answer.refuse(notHere(message.partition()));
    } else if (join().upper().isEmpty()) {
      answer.refuse(sealed());
    } else if (message.session() != partition.session) {
      answer.refuse(fenced(partition.number));
    } else if (isRepeat(partition.taken, message.sequence())) {
      answerAt(partition, message, answer);
    } else if (message.sequence() <= partition.taken + 1) {
      take(partition, new Arrived(message, rows, answer, nowMillis));
      takeEarly(partition);
    } else if (partition.early.size() < settings.maxEarly()) {
      Arrived before =
          partition.early.put(message.sequence(), new Arrived(message, rows, answer, nowMillis));
      if (before != null) {
        before.answer().refuse(gap(partition, message.sequence()));
      }
    } else {
      answer.refuse(gap(partition, message.sequence()));
    }
  }

  /** Whether a message was taken before. */
  boolean isRepeat(long taken, long sequence) {
    return sequence <= taken;
  }

  private void takeEarly(Partition partition) {
    for (Arrived next = partition.early.remove(partition.taken + 1);
        next != null;
        next = partition.early.remove(partition.taken + 1)) {
      long before = partition.taken;
      take(partition, next);
      if (partition.taken == before) {
        return;
      }
    }
  }

  private void take(Partition partition, Arrived next) {
    SubmitSource message = next.message();
    RefusedException refused = refusal(partition, message, next.rows());
    if (refused != null) {
      next.answer().refuse(refused);
      return;
    }
    UpdateBlock rows = next.rows() == null ? null : notInShard(next.rows());
    if (rows != null && !rows.isEmpty()) {
      if (!port().reserve(rows.bytes())) {
        next.answer()
            .refuse(
                new RefusedException(
                    FailureCode.OVERLOADED,
                    "the node's memory for rows is taken: send it again a little later"));
        return;
      }
      partition.maxTime = Math.max(partition.maxTime, rows.maxTime());
      stage(rows, () -> answerAt(partition, message, next.answer()));
    } else {
      answerAt(partition, message, next.answer());
    }
    partition.taken = message.sequence();
    advance(partition, message);
  }

  private @Nullable RefusedException refusal(
      Partition partition, SubmitSource message, @Nullable UpdateBlock rows) {
    if (upper().isEmpty()) {
      return sealed();
    }
    if (message.offset() != null && !Offsets.isValid(message.offset())) {
      return new RefusedException(
          FailureCode.INVALID_ROW,
          "the offset must be JSON text of at most " + Offsets.MAX_CHARS + " characters");
    }
    if (rows != null && !rows.isEmpty()) {
      boolean isBefore = !partition.frontier.lessEqual(rows.minTime());
      boolean isReplay = !cutUpper().lessEqual(rows.minTime());
      if (isBefore && !isReplay) {
        return new RefusedException(
            FailureCode.INVALID_ROW,
            "time "
                + rows.minTime()
                + " is before the frontier "
                + partition.frontier
                + " that partition "
                + partition.number
                + " has announced: announce a frontier only"
                + " when everything before it was sent");
      }
    }
    if (message.frontier() != null
        && message.frontier().at().lessThan(partition.frontier)
        && !message.frontier().at().lessThan(cutUpper())) {
      return new RefusedException(
          FailureCode.INVALID_ROW,
          "frontier "
              + message.frontier().at()
              + " of partition "
              + partition.number
              + " goes back behind "
              + partition.frontier);
    }
    return partition.waiting.size() < MAX_WAITING ? null : tooManyWait(partition);
  }

  private UpdateBlock notInShard(UpdateBlock rows) {
    UpdateBlock kept = rows.select(i -> cutUpper().lessEqual(rows.times().get(i)));
    skipped += rows.size() - kept.size();
    return kept;
  }

  private void advance(Partition partition, SubmitSource message) {
    if (message.frontier() == null) {
      return;
    }
    Antichain before = partition.frontier;
    partition.frontier = Antichain.join(before, message.frontier().at());
    if (message.offset() != null) {
      if (partition.marks.size() >= MAX_MARKS) {
        // Offsets are stored a little less often, then; never wrongly.
        partition.marks.remove(partition.marks.size() - 1);
      }
      partition.marks.add(new Mark(partition.frontier, message.offset()));
    }
    if (before.lessThan(partition.frontier)) {
      port().frontiers(frontiers());
    }
  }

  /** Answers now, or when the upper has come to the frontier that the message announced. */
  private void answerAt(Partition partition, SubmitSource message, Answer<Taken> answer) {
    RefusedException ending = ending();
    if (ending != null) {
      answer.refuse(ending);
    } else if (message.frontier() == null || message.frontier().at().lessEqual(upper())) {
      answer.done(new Taken(upper()));
    } else if (partition.waiting.size() < MAX_WAITING) {
      partition.waiting.add(new Waiting(message.frontier().at(), answer));
    } else {
      answer.refuse(tooManyWait(partition)); // a repeat: the message itself was taken
    }
  }

  private static RefusedException tooManyWait(Partition partition) {
    return new RefusedException(
        FailureCode.OVERLOADED,
        MAX_WAITING
            + " frontiers of partition "
            + partition.number
            + " wait for the upper already: wait for the other partitions");
  }

  /** Refuses what has waited too long for the message before it. */
  void refuseOverdue(long nowMillis) {
    for (Partition partition : partitions.values()) {
      List<Arrived> overdue = new ArrayList<>();
      partition.early.values().removeIf(each -> isOverdue(each, nowMillis) && overdue.add(each));
      for (Arrived each : overdue) {
        each.answer().refuse(gap(partition, each.message().sequence()));
      }
    }
  }

  private boolean isOverdue(Arrived each, long nowMillis) {
    return nowMillis - each.sinceMillis() >= settings.gapMillis();
  }

  @Override
  Map<String, Advance> takeAdvances(Antichain to) {
    return Map.of();
  }

  @Override
  Map<String, String> takeOffsets(Antichain to) {
    Map<String, String> offsets = new TreeMap<>();
    for (Partition partition : partitions.values()) {
      for (Mark mark : partition.marks) {
        if (mark.frontier().lessEqual(to)) {
          offsets.put(String.valueOf(partition.number), mark.offset());
        }
      }
    }
    return offsets;
  }

  @Override
  void answer(Numbered committed) {
    for (Partition partition : partitions.values()) {
      while (!partition.marks.isEmpty() && partition.marks.get(0).frontier().lessEqual(upper())) {
        partition.offset = partition.marks.remove(0).offset();
      }
      List<Waiting> done = new ArrayList<>();
      partition.waiting.removeIf(each -> each.frontier().lessEqual(upper()) && done.add(each));
      done.forEach(each -> each.answer().done(new Taken(upper())));
    }
  }

  @Override
  void refuseAll(RefusedException refusal) {
    for (Partition partition : partitions.values()) {
      refuseEarly(partition, refusal);
      List<Waiting> waiting = new ArrayList<>(partition.waiting);
      partition.waiting.clear();
      waiting.forEach(each -> each.answer().refuse(refusal));
    }
  }

  private static void refuseEarly(Partition partition, RefusedException refusal) {
    List<Arrived> early = new ArrayList<>(partition.early.values());
    partition.early.clear();
    early.forEach(each -> each.answer().refuse(refusal));
  }

  private RefusedException notHere(int partition) {
    return partition < 0 || partition >= join().partitions()
        ? new RefusedException(
            FailureCode.INVALID_ROW,
            "partition "
                + partition
                + " does not exist: '"
                + join().collection()
                + "' has "
                + join().partitions()
                + ", counted from 0")
        : new RefusedException(
            FailureCode.STALE_EPOCH, "partition " + partition + " is another writer's: open again");
  }

  private static RefusedException fenced(int partition) {
    return new RefusedException(
        FailureCode.FENCED, "this claim of partition " + partition + " is over: open again");
  }

  private static RefusedException gap(Partition partition, long sequence) {
    return new RefusedException(
        FailureCode.SEQUENCE_GAP,
        "message "
            + sequence
            + " of partition "
            + partition.number
            + " does not follow: message "
            + (partition.taken + 1)
            + " is expected");
  }
}
