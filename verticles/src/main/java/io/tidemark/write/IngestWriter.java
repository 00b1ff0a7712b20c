package io.tidemark.write;

import io.tidemark.persist.Advance;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.Messages.Session;
import io.tidemark.protocol.Messages.Standing;
import io.tidemark.protocol.Messages.Submit;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.UpdateBlock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of producers: each once, in the order of their numbers, atomically. A message
 * belongs to the description that is cut next after it was taken.
 */
class IngestWriter extends EpochWriter {

  /** Sessions of different epochs differ, since a message may be relayed from one into the next. */
  private static final int SESSION_BITS = 20;

  /** How many messages of one producer may wait until it is known where it stands. */
  static final int MAX_WAITING = 1024;

  /** Makes the writer of an epoch. A test may break it on purpose, to see that it is missed. */
  interface Factory {
    IngestWriter create(Join join, String self, WriterSettings settings, Port port);
  }

  private final WriterSettings settings;
  // The one that was heard of longest ago comes first.
  private final LinkedHashMap<String, Producer> producers = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Advance> staged = new TreeMap<>();
  private final TreeMap<Long, Set<Producer>> described = new TreeMap<>();
  private Set<Producer> inStage = new LinkedHashSet<>();
  private long sessions;

  IngestWriter(Join join, String self, WriterSettings settings, Port port) {
    super(join, self, port);
    this.settings = settings;
    this.sessions = join.epoch() << SESSION_BITS;
  }

  /**
   * A producer opens a session. The appender is asked first, and asks consensus: a writer that has
   * missed the end of its epoch would answer with numbers of long ago.
   */
  void open(OpenProducer open, Answer<Session> answer) {
    Producer producer = producer(open.producer(), answer);
    if (producer != null) {
      ask(producer, answer, known -> opened(known, open, answer));
    }
  }

  private void opened(Producer producer, OpenProducer open, Answer<Session> answer) {
    if (producer.isLate(open.instance(), open.attempt())) {
      answer.refuse(
          new RefusedException(FailureCode.FENCED, "this opening came late: a later one holds"));
      return;
    }
    if (!producer.isOpenedBy(open.instance(), open.attempt())) {
      producer.open(open.instance(), open.attempt(), ++sessions);
      for (Producer.Early early : producer.takeEarly()) {
        early.answer().refuse(fenced(producer));
      }
    }
    if (open.instance().equals(producer.acceptedFrom())) {
      answer.done(session(producer));
    } else {
      // Somebody new has to know where the one before ends, so that becomes certain first.
      producer.whenCommitted(
          answer, () -> answerNewcomer(producer, open.attempt(), open.instance(), answer));
    }
  }

  private void answerNewcomer(
      Producer producer, long attempt, String instance, Answer<Session> answer) {
    if (producer.isOpenedBy(instance, attempt)) {
      answer.done(session(producer));
    } else {
      answer.refuse(fenced(producer));
    }
  }

  private Session session(Producer producer) {
    return new Session(
        join().epoch(),
        self(),
        producer.session(),
        producer.committed(),
        producer.accepted(),
        producer.acceptedFrom(),
        upper(),
        join().schema(),
        join().shard(),
        settings.creditBytes());
  }

  /** A producer's message, whose rows fit the schema. */
  void submit(Submit message, UpdateBlock rows, long nowMillis, Answer<Receipt> answer) {
    Producer producer = producer(message.producer(), answer);
    Producer.Early arrived = new Producer.Early(message, rows, answer, nowMillis);
    if (producer != null && producer.isKnown()) {
      submitted(producer, arrived);
    } else if (producer != null) {
      ask(producer, answer, known -> submitted(known, arrived));
    }
  }

  private void submitted(Producer producer, Producer.Early arrived) {
    Submit message = arrived.message();
    Answer<Receipt> answer = arrived.answer();
    if (cutUpper().isEmpty()) {
      answer.refuse(sealed());
    } else if (message.session() != 0 && message.session() != producer.session()) {
      answer.refuse(fenced(producer));
    } else if (isRepeat(producer, message.sequence())) {
      producer.repeat(message.sequence(), answer, upper());
    } else if (message.sequence() <= producer.accepted() + 1) {
      take(producer, arrived);
      takeEarly(producer);
    } else if (producer.early().size() < settings.maxEarly()) {
      Producer.Early before = producer.early().put(message.sequence(), arrived);
      if (before != null) {
        before.answer().refuse(gap(producer, message.sequence()));
      }
    } else {
      answer.refuse(gap(producer, message.sequence()));
    }
  }

  /** Whether a message was taken before. */
  boolean isRepeat(Producer producer, long sequence) {
    return sequence <= producer.accepted();
  }

  private void take(Producer producer, Producer.Early next) {
    UpdateBlock rows = next.rows();
    if (!port().reserve(rows.bytes())) {
      next.answer()
          .refuse(
              new RefusedException(
                  FailureCode.OVERLOADED,
                  "the node's memory for rows is taken: send it again a little later"));
      return;
    }
    producer.accept(next.message(), rows.size(), lastCut(), next.answer());
    Advance advance =
        new Advance(
            producer.accepted(), producer.accepted(), rows.size(), 0, producer.acceptedFrom());
    staged.merge(producer.id(), advance, Advance::then);
    inStage.add(producer);
    stage(rows, () -> {});
  }

  /** Takes the messages whose turn has come. */
  private void takeEarly(Producer producer) {
    for (Producer.Early next = producer.early().remove(producer.accepted() + 1);
        next != null;
        next = producer.early().remove(producer.accepted() + 1)) {
      long before = producer.accepted();
      take(producer, next);
      if (producer.accepted() == before) {
        return;
      }
    }
  }

  /**
   * Refuses what has waited too long for the message before it, once the appender has said that
   * this writer is not the one who has missed it.
   */
  void refuseOverdue(long nowMillis) {
    for (Producer producer : List.copyOf(producers.values())) {
      for (Producer.Early early : List.copyOf(producer.early().values())) {
        if (nowMillis - early.sinceMillis() >= settings.gapMillis()) {
          producer.early().remove(early.message().sequence());
          ask(
              producer,
              early.answer(),
              known -> early.answer().refuse(gap(known, early.message().sequence())));
        }
      }
    }
  }

  /** The appender has told where a producer stands. */
  void standing(String id, Standing standing) {
    Producer producer = producers.get(id);
    if (producer == null) {
      return;
    }
    boolean isNew = !producer.isKnown() && standing.position().sequence() == 0;
    if (isNew && !standing.room()) {
      producers.remove(id);
      RefusedException full =
          new RefusedException(
              FailureCode.OVERLOADED,
              "the collection remembers too many producers to take '"
                  + id
                  + "': use fewer producer ids; idle ones are forgotten after a while");
      producer.takeAnswers().forEach(answer -> answer.refuse(full));
      return;
    }
    if (!producer.isKnown()) {
      producer.stands(standing.position());
    }
    producer.takeAsked().forEach(waiting -> waiting.then().accept(producer));
    if (producer.ask()) {
      port().whereIs(id);
    }
  }

  /** What is known of a producer; null if it was refused because of too many others. */
  private @Nullable Producer producer(String id, Answer<?> answer) {
    Producer producer = producers.get(id);
    if (producer == null) {
      if (producers.size() >= settings.maxProducers() && !forgetOne()) {
        answer.refuse(
            new RefusedException(
                FailureCode.OVERLOADED,
                settings.maxProducers() + " producers are active already: try again later"));
        return null;
      }
      producer = new Producer(id);
      producers.put(id, producer);
    }
    return producer;
  }

  /** Does something once the appender has told where a producer stands now. */
  private void ask(Producer producer, Answer<?> answer, Consumer<Producer> then) {
    if (producer.waiting() >= MAX_WAITING) {
      answer.refuse(
          new RefusedException(
              FailureCode.OVERLOADED,
              "too many messages of '" + producer.id() + "' wait already: try again later"));
    } else if (producer.await(answer, then)) {
      port().whereIs(producer.id());
    }
  }

  private boolean forgetOne() {
    Iterator<Producer> longestIdle = producers.values().iterator();
    while (longestIdle.hasNext()) {
      if (longestIdle.next().isIdle()) {
        longestIdle.remove();
        return true;
      }
    }
    return false;
  }

  @Override
  Map<String, Advance> takeAdvances(Antichain to) {
    Map<String, Advance> advances = new TreeMap<>();
    staged.forEach((id, advance) -> advances.put(id, advance.at(to.isEmpty() ? 0 : to.time() - 1)));
    staged.clear();
    described.put(lastCut(), inStage);
    inStage = new LinkedHashSet<>();
    return advances;
  }

  @Override
  Map<String, String> takeOffsets(Antichain to) {
    return Map.of();
  }

  @Override
  void answer(Numbered committed) {
    Antichain to = committed.description().upper();
    Receipt receipt = new Receipt(to.time() - 1, to);
    Set<Producer> in = described.remove(committed.number());
    if (in != null) {
      in.forEach(producer -> producer.commit(committed.number(), receipt));
    }
  }

  @Override
  void refuseAll(RefusedException refusal) {
    List<Answer<?>> all = new ArrayList<>();
    for (Producer producer : producers.values()) {
      all.addAll(producer.takeAnswers());
    }
    producers.clear();
    all.forEach(answer -> answer.refuse(refusal));
  }

  private static RefusedException fenced(Producer producer) {
    return new RefusedException(
        FailureCode.FENCED,
        "this session of producer '"
            + producer.id()
            + "' is over: another one was opened, or the"
            + " writer has forgotten it; open again");
  }

  private static RefusedException gap(Producer producer, long sequence) {
    return new RefusedException(
        FailureCode.SEQUENCE_GAP,
        "message "
            + sequence
            + " of producer '"
            + producer.id()
            + "' does not follow: message "
            + (producer.accepted() + 1)
            + " is expected");
  }
}
