package io.tidemark.mint;

import io.tidemark.environment.Backoff;
import io.tidemark.environment.Timers;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Roster;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the writers of a collection: whether those on the roster are still there, and whether
 * others have come or are about to leave. It looks as soon as the list of writers changes, and
 * every {@link MintSettings#rosterMillis} in any case, since neither news nor an answer is sure to
 * arrive: where no description is open, nobody else would notice.
 *
 * <p>A writer of the roster is lost if it is not listed any more and does not answer twice in a
 * row, or is listed and has not answered {@link #MAX_UNHEARD} times. One that is not listed and
 * answers is about to leave. One that is listed, ready, and not on the roster has come. It is not
 * taken for having come again sooner than {@link #FIRST_BACKOFF_MILLIS} later, if that did not
 * bring it onto the roster, then later and later: a writer that cannot join changes nothing.
 */
final class RosterWatch {

  /** So many times in a row a listed writer may not be heard of. */
  private static final int MAX_UNHEARD = 2;

  /** How long a writer that did not join, or did not answer, is left alone at first… */
  static final long FIRST_BACKOFF_MILLIS = 1_000;

  /** …and at most. */
  static final long CAP_BACKOFF_MILLIS = 60_000;

  private static final Logger log = LoggerFactory.getLogger(RosterWatch.class);

  private final MintContext world;
  private final Consumer<String> lost;
  private final Consumer<String> changed;
  private final Map<String, Stranger> strangers = new HashMap<>();
  private @Nullable Join join;
  private Roster roster = new Roster("", 0, List.of());
  private Runnable unwatch = () -> {};
  private Timers.Timer checking = () -> {};
  private Timers.Timer settling = () -> {};
  private boolean ended = true;
  private boolean looking;
  private boolean again;
  private boolean told;
  private int unheard;
  private long noticedMillis = -1;

  /**
   * @param lost is told of a writer of the roster that is gone: the epoch cannot go on
   * @param changed is told, once in an epoch, that its roster is not what it should be
   */
  RosterWatch(MintContext world, Consumer<String> lost, Consumer<String> changed) {
    this.world = world;
    this.lost = lost;
    this.changed = changed;
  }

  /** A listed writer that is not on the roster, and when it may be looked at again. */
  private static final class Stranger {
    private final Backoff backoff;
    private long notBeforeMillis;

    Stranger(Backoff backoff) {
      this.backoff = backoff;
    }
  }

  /**
   * What a look has shown.
   *
   * @param lost writers of the roster that are gone
   * @param leaving writers of the roster that are not listed any more
   * @param joining writers that are listed and not on the roster
   * @param staying how many of the roster are listed
   */
  private record Look(List<String> lost, List<String> leaving, List<String> joining, int staying) {}

  /** Begins to look after the roster of an epoch. */
  void begin(Join joined, Roster appointed) {
    end();
    join = joined;
    roster = appointed;
    strangers.keySet().removeAll(roster.writers());
    ended = false;
    told = false;
    looking = false;
    unheard = 0;
    noticedMillis = -1;
    unwatch = world.writers().watch(this::look);
    look();
    checkLater();
  }

  /** The epoch is over. */
  void end() {
    ended = true;
    unwatch.run();
    unwatch = () -> {};
    checking.cancel();
    settling.cancel();
  }

  private boolean isOver(Roster of) {
    return ended || of.epoch() != roster.epoch();
  }

  private void checkLater() {
    checking = world.environment().timers().after(world.settings().rosterMillis(), this::check);
  }

  private void check() {
    Roster checked = roster;
    look();
    Future.all(
            checked.writers().stream()
                .map(writer -> ask(writer, checked, world.settings().answerMillis()))
                .toList())
        .onComplete(
            all -> {
              if (isOver(checked)) {
                return;
              }
              unheard = all.succeeded() ? 0 : unheard + 1;
              if (unheard >= MAX_UNHEARD) {
                lost.accept("a writer is gone: " + all.cause().getMessage());
              } else {
                checkLater();
              }
            });
  }

  private Future<Object> ask(String writer, Roster of, long millis) {
    return world.bus().request(Addresses.writer(writer), of, millis);
  }

  /** Compares the roster with who is listed. */
  private void look() {
    if (ended || looking) {
      again = true;
      return;
    }
    looking = true;
    again = false;
    Roster of = roster;
    world.writers().list().compose(listed -> look(of, listed)).onComplete(seen -> looked(of, seen));
  }

  private void looked(Roster of, AsyncResult<Look> seen) {
    if (isOver(of)) {
      return;
    }
    looking = false;
    if (seen.failed()) {
      log.debug("'{}': who is listed is not known", of.collection(), seen.cause());
    } else {
      decide(seen.result());
    }
    if (again && !ended) {
      look();
    }
  }

  private Future<Look> look(Roster of, List<String> listed) {
    strangers.keySet().retainAll(listed);
    TreeSet<String> unlisted = new TreeSet<>(of.writers());
    unlisted.removeAll(listed);
    TreeSet<String> others = new TreeSet<>(listed);
    others.removeAll(of.writers());
    others.removeIf(this::isLeftAlone);
    Look look =
        new Look(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            of.writers().size() - unlisted.size());
    List<Future<Boolean>> asked = new ArrayList<>();
    for (String writer : unlisted) {
      asked.add(
          isThere(writer, of)
              .compose(there -> there ? Future.succeededFuture(true) : isThere(writer, of))
              .onSuccess(there -> (there ? look.leaving() : look.lost()).add(writer)));
    }
    for (String writer : others) {
      asked.add(isReady(writer).onSuccess(there -> noteStranger(there, look.joining(), writer)));
    }
    return Future.join(asked).map(look);
  }

  private void noteStranger(boolean answers, List<String> joining, String writer) {
    if (answers) {
      joining.add(writer);
    } else {
      leaveAlone(writer);
    }
  }

  private boolean isLeftAlone(String writer) {
    Stranger stranger = strangers.get(writer);
    return stranger != null && nowMillis() < stranger.notBeforeMillis;
  }

  private void leaveAlone(String writer) {
    Stranger stranger =
        strangers.computeIfAbsent(
            writer,
            name ->
                new Stranger(
                    new Backoff(
                        world.environment().entropy(), FIRST_BACKOFF_MILLIS, CAP_BACKOFF_MILLIS)));
    stranger.notBeforeMillis = nowMillis() + stranger.backoff.nextMillis();
  }

  /** Whether a writer is in the epoch still. */
  private Future<Boolean> isThere(String writer, Roster of) {
    return ask(writer, of, world.settings().graceMillis())
        .transform(answer -> Future.succeededFuture(answer.succeeded()));
  }

  /**
   * Whether a writer that is not on the roster could be. It is told of this epoch, in which it
   * takes no part, so that it listens where rows come, and all that it needs is loaded, before an
   * epoch waits for it: a node that has just started is slow.
   */
  private Future<Boolean> isReady(String writer) {
    return world
        .bus()
        .request(
            Addresses.writer(writer),
            Objects.requireNonNull(join, "no epoch is looked after"),
            world.settings().graceMillis())
        .transform(
            answer ->
                Future.succeededFuture(
                    answer.succeeded()
                        || RefusedException.of(answer.cause()).code() == FailureCode.STALE_EPOCH));
  }

  private void decide(Look seen) {
    if (!seen.lost().isEmpty()) {
      lost.accept("writers are gone: " + seen.lost());
    } else if ((seen.leaving().isEmpty() && seen.joining().isEmpty())
        || (seen.staying() == 0 && seen.joining().isEmpty())) {
      noticedMillis = -1; // also if everybody leaves: then nobody could take over
    } else if (!told) {
      settle(seen);
    }
  }

  private void settle(Look seen) {
    long now = nowMillis();
    noticedMillis = noticedMillis < 0 ? now : noticedMillis;
    long leftMillis = noticedMillis + world.settings().settleMillis() - now;
    settling.cancel();
    if (leftMillis > 0) {
      settling = world.environment().timers().after(leftMillis, this::look);
    } else {
      told = true;
      seen.joining().forEach(this::leaveAlone);
      changed.accept("writers have come: " + seen.joining() + ", and leave: " + seen.leaving());
    }
  }

  private long nowMillis() {
    return world.environment().clock().monotonicMillis();
  }
}
