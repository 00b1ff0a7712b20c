package io.tidemark.write;

import io.tidemark.persist.Position;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.Messages.Submit;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.UpdateBlock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a writer knows of one producer in one epoch.
 *
 * <p>Invariants: {@code committed <= accepted}; the messages between them are staged or in open
 * descriptions, in order; those kept early are past {@code accepted + 1}.
 */
final class Producer {

  /** How many receipts are remembered, so that a repeat gets the very reply of the first. */
  static final int MAX_RECENT = 64;

  /**
   * How many openings may wait for what came before them: each is a sender that was asked again.
   */
  static final int MAX_NEWCOMERS = 16;

  /** How many may wait for the receipt of one message: senders that have sent it again. */
  static final int MAX_REPEATS = 16;

  private final String id;
  private final ArrayDeque<Accepted> unanswered = new ArrayDeque<>();
  private final ArrayDeque<Answered> recent = new ArrayDeque<>();
  private final TreeMap<Long, Early> early = new TreeMap<>();
  private final List<Newcomer> newcomers = new ArrayList<>();
  private List<Waiting> asked = new ArrayList<>();
  private List<Waiting> toAsk = new ArrayList<>();
  private @Nullable Position committed;
  private long accepted;
  private long session;
  private String instance = "";
  private String acceptedFrom = "";
  private long attempt;

  Producer(String id) {
    this.id = id;
  }

  /** A message that is staged or described, and who waits for it. */
  private record Accepted(
      long sequence, long description, int updates, String from, List<Answer<Receipt>> answers) {}

  /** Somebody who opens, and has to wait until everything of the one before is in the shard. */
  private record Newcomer(Answer<?> answer, Runnable then) {}

  private record Answered(long sequence, Receipt receipt) {}

  /** A message that came before its turn. */
  record Early(Submit message, UpdateBlock rows, Answer<Receipt> answer, long sinceMillis) {}

  /**
   * What is to be done once the appender has told where the producer stands, and who waits for it.
   */
  record Waiting(Answer<?> answer, Consumer<Producer> then) {}

  String id() {
    return id;
  }

  /** Whether it is known yet where the producer stands. */
  boolean isKnown() {
    return committed != null;
  }

  /** How many wait for the appender. */
  int waiting() {
    return asked.size() + toAsk.size();
  }

  /**
   * Waits for what the appender says from now on: an answer that may be under way already is of
   * before.
   *
   * @return whether the appender has to be asked now
   */
  boolean await(Answer<?> answer, Consumer<Producer> then) {
    toAsk.add(new Waiting(answer, then));
    return asked.isEmpty() && ask();
  }

  /** Begins to ask for those who wait, if there is anybody. */
  boolean ask() {
    asked = toAsk;
    toAsk = new ArrayList<>();
    return !asked.isEmpty();
  }

  /** Those for whom the appender was asked. */
  List<Waiting> takeAsked() {
    List<Waiting> all = asked;
    asked = new ArrayList<>();
    return all;
  }

  void stands(Position position) {
    committed = position;
    accepted = position.sequence();
    acceptedFrom = position.instance();
  }

  Position committed() {
    return committed == null ? Position.NONE : committed;
  }

  /** The number of the last message that was taken. */
  long accepted() {
    return accepted;
  }

  long session() {
    return session;
  }

  /** Who sent the last message that was taken, as it named itself. */
  String acceptedFrom() {
    return acceptedFrom;
  }

  /** Who a message of this session is from; empty for one without a session. */
  String instance(long ofSession) {
    return ofSession == 0 ? "" : instance;
  }

  SortedMap<Long, Early> early() {
    return early;
  }

  List<Early> takeEarly() {
    List<Early> all = new ArrayList<>(early.values());
    early.clear();
    return all;
  }

  /** Whether nothing would be lost if this were forgotten. */
  boolean isIdle() {
    return isKnown()
        && unanswered.isEmpty()
        && early.isEmpty()
        && newcomers.isEmpty()
        && waiting() == 0;
  }

  /** Whether an opening is older than the last one of the same instance. */
  boolean isLate(String byInstance, long byAttempt) {
    return byInstance.equals(instance) && byAttempt < attempt;
  }

  /** Begins a session, which fences the one before. */
  void open(String byInstance, long byAttempt, long newSession) {
    instance = byInstance;
    attempt = byAttempt;
    session = newSession;
  }

  /** Whether the session is the one that this opening began. */
  boolean isOpenedBy(String byInstance, long byAttempt) {
    return byInstance.equals(instance) && byAttempt == attempt;
  }

  /** Runs {@code then} once everything that was taken is in the shard. */
  void whenCommitted(Answer<?> answer, Runnable then) {
    if (unanswered.isEmpty()) {
      then.run();
    } else if (newcomers.size() < MAX_NEWCOMERS) {
      newcomers.add(new Newcomer(answer, then));
    } else {
      answer.refuse(
          new RefusedException(
              FailureCode.OVERLOADED,
              "too many wait to open producer '"
                  + id
                  + "' already: give each publisher a producer id of its own"));
    }
  }

  /** Takes the next message, for the description after {@code lastCut}. */
  void accept(Submit message, int updates, long lastCut, Answer<Receipt> answer) {
    accepted = message.sequence();
    acceptedFrom = instance(message.session());
    List<Answer<Receipt>> answers = new ArrayList<>(1);
    answers.add(answer);
    unanswered.add(new Accepted(accepted, lastCut + 1, updates, acceptedFrom, answers));
  }

  /** Answers a message that was taken before, now or when it is committed. */
  void repeat(long sequence, Answer<Receipt> answer, Antichain upper) {
    for (Accepted each : unanswered) {
      if (each.sequence() == sequence) {
        repeat(each, answer);
        return;
      }
    }
    for (Answered each : recent) {
      if (each.sequence() == sequence) {
        answer.done(each.receipt());
        return;
      }
    }
    // Longer ago: at the time of the last commit a snapshot holds it too.
    answer.done(new Receipt(committed().time(), upper));
  }

  private void repeat(Accepted message, Answer<Receipt> answer) {
    if (message.answers().size() < MAX_REPEATS) {
      message.answers().add(answer);
    } else {
      answer.refuse(
          new RefusedException(
              FailureCode.OVERLOADED,
              "message "
                  + message.sequence()
                  + " of '"
                  + id
                  + "' was taken and is not durable yet: send it again a little later"));
    }
  }

  /** A description is in the shard, and with it these messages. */
  void commit(long description, Receipt receipt) {
    while (!unanswered.isEmpty() && unanswered.peek().description() <= description) {
      Accepted done = unanswered.remove();
      committed =
          new Position(
              done.sequence(),
              committed().updates() + done.updates(),
              receipt.time(),
              done.from(),
              committed().touchedMillis());
      recent.add(new Answered(done.sequence(), receipt));
      if (recent.size() > MAX_RECENT) {
        recent.remove();
      }
      done.answers().forEach(answer -> answer.done(receipt));
    }
    if (unanswered.isEmpty() && !newcomers.isEmpty()) {
      List<Newcomer> all = List.copyOf(newcomers);
      newcomers.clear();
      all.forEach(newcomer -> newcomer.then().run());
    }
  }

  /** Everybody who still waits. They are not waited for any more. */
  List<Answer<?>> takeAnswers() {
    List<Answer<?>> all = new ArrayList<>();
    newcomers.forEach(each -> all.add(each.answer()));
    asked.forEach(each -> all.add(each.answer()));
    toAsk.forEach(each -> all.add(each.answer()));
    newcomers.clear();
    asked.clear();
    toAsk.clear();
    unanswered.forEach(each -> all.addAll(each.answers()));
    early.values().forEach(each -> all.add(each.answer()));
    unanswered.clear();
    early.clear();
    return all;
  }
}
