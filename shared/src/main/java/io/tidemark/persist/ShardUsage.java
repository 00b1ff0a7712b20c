package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.location.Consensus.Version;
import io.tidemark.persist.References.Kind;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells what the objects and versions of a shard are there for. It reads the stores alone, first
 * the list of objects, then the state: so what it calls garbage is. Belongs to one context.
 */
public final class ShardUsage {

  /** So often it looks again when versions are collected that it is reading. */
  static final int MAX_ATTEMPTS = 5;

  private final PersistClient client;
  private final ShardId shard;
  private final StateLoader loader;
  private final History history;
  private int attempts;
  private @Nullable Report report;

  public ShardUsage(PersistClient client, ShardId shard, Environment environment) {
    this.client = client;
    this.shard = shard;
    this.loader = new StateLoader(shard, client.blob(), client.consensus(), environment);
    this.history = new History(loader, environment, client.options().retry());
  }

  /** Some objects, or versions. */
  public record Amount(long count, long bytes) {

    /** Nothing. */
    public static final Amount NONE = new Amount(0, 0);

    /** This and one more. */
    public Amount and(long moreBytes) {
      return new Amount(count + 1, bytes + moreBytes);
    }

    /** This and more. */
    public Amount plus(Amount more) {
      return new Amount(count + more.count, bytes + more.bytes);
    }
  }

  /** What is known of a shard. */
  public enum Standing {
    /** It has no state: nobody has opened it yet, or its state is lost. */
    NONE,
    /** It can be read and written. */
    LIVE,
    /** It has ended for good. */
    DROPPED,
    /** It has a state that cannot be read. */
    UNREADABLE
  }

  /**
   * What a shard takes.
   *
   * @param current parts that its contents are made of
   * @param history parts that only older versions name
   * @param rollups objects that hold its state
   * @param inFlight objects that nothing names yet, of writers that are registered
   * @param garbage objects that nothing names, nor ever will
   * @param foreign objects under its name that are not Tidemark's
   * @param versions versions in consensus
   * @param standing what is known of it
   */
  public record Report(
      Amount current,
      Amount history,
      Amount rollups,
      Amount inFlight,
      Amount garbage,
      Amount foreign,
      Amount versions,
      Standing standing) {

    /** What a shard takes that has nothing. */
    public static final Report NOTHING = foreign(Amount.NONE);

    /** Nothing but what is not Tidemark's, or cannot be told apart. */
    public static Report foreign(Amount foreign) {
      Amount none = Amount.NONE;
      return new Report(none, none, none, none, none, foreign, none, Standing.NONE);
    }

    /** What both take together. */
    public Report plus(Report more) {
      return new Report(
          current.plus(more.current),
          history.plus(more.history),
          rollups.plus(more.rollups),
          inFlight.plus(more.inFlight),
          garbage.plus(more.garbage),
          foreign.plus(more.foreign),
          versions.plus(more.versions),
          standing);
    }
  }

  /** An object that was listed. */
  private record Listed(ObjectName name, long bytes) {}

  /** What is known of the objects before the state is. */
  private static final class Listing {
    private final List<Listed> objects = new ArrayList<>();
    private Amount foreign = Amount.NONE;
  }

  /**
   * Looks at all of it. If its state cannot be read, all objects are foreign: nothing can be told
   * apart.
   */
  public Future<Report> run() {
    return Loop.whileTrue(this::attempt).map(done -> Objects.requireNonNull(report));
  }

  private Future<Boolean> attempt() {
    attempts++;
    return history
        .calling(this::list)
        .compose(listing -> versions().compose(versions -> judge(listing, versions)))
        .map(
            judged -> {
              report = judged;
              return judged.standing() == Standing.UNREADABLE && attempts < MAX_ATTEMPTS;
            });
  }

  private Future<Listing> list() {
    Listing listing = new Listing();
    return client
        .blob()
        .list(
            ObjectName.prefix(shard),
            entry -> {
              ObjectName name = ObjectName.parse(shard, entry.key());
              if (name == null) {
                listing.foreign = listing.foreign.and(entry.bytes());
              } else {
                listing.objects.add(new Listed(name, entry.bytes()));
              }
            })
        .map(listing);
  }

  private Future<Amount> versions() {
    Counting counting = new Counting();
    return Loop.whileTrue(
            () -> history.calling(() -> loader.versions(counting.next)).map(counting::take))
        .map(done -> counting.amount);
  }

  /** Versions that are being counted. */
  private static final class Counting {
    private Amount amount = Amount.NONE;
    private long next;

    boolean take(List<Version> page) {
      for (Version version : page) {
        amount = amount.and(version.data().length);
        next = version.seqno() + 1;
      }
      return page.size() == StateLoader.PAGE;
    }
  }

  private Future<Report> judge(Listing listing, Amount versions) {
    if (versions.count() == 0) {
      return Future.succeededFuture(untold(listing, versions, Standing.NONE));
    }
    return history
        .calling(loader::reload)
        .compose(loaded -> references(loaded.state()))
        .map(references -> report(listing, references, versions))
        .recover(
            cause ->
                cause instanceof CorruptShardException
                    ? Future.succeededFuture(untold(listing, versions, Standing.UNREADABLE))
                    : Future.failedFuture(cause));
  }

  /** Of a shard without a state nothing can be told apart. */
  private static Report untold(Listing listing, Amount versions, Standing standing) {
    Amount all = listing.foreign;
    for (Listed object : listing.objects) {
      all = all.and(object.bytes());
    }
    Amount none = Amount.NONE;
    return new Report(none, none, none, none, none, all, versions, standing);
  }

  private Future<References> references(ShardState state) {
    return history
        .earliest()
        .compose(
            earliest ->
                history
                    .named(earliest, earliest.seqno(), state.rollups())
                    .map(named -> references(state, earliest, named)));
  }

  private References references(ShardState state, Version earliest, Optional<History.Named> named) {
    if (named.isEmpty()) {
      throw new CorruptShardException("shard " + shard + ": its versions cannot be replayed");
    }
    return new References(
        state, state.trace().keys(), named.get().after(), history.rollupOf(earliest).key());
  }

  private static Report report(Listing listing, References references, Amount versions) {
    Map<Kind, Amount> amounts = new EnumMap<>(Kind.class);
    for (Listed object : listing.objects) {
      Amount one = new Amount(1, object.bytes());
      amounts.merge(references.kind(object.name()), one, Amount::plus);
    }
    return new Report(
        amounts.getOrDefault(Kind.CURRENT, Amount.NONE),
        amounts.getOrDefault(Kind.HISTORY, Amount.NONE),
        amounts.getOrDefault(Kind.ROLLUP, Amount.NONE),
        amounts.getOrDefault(Kind.IN_FLIGHT, Amount.NONE),
        amounts.getOrDefault(Kind.GARBAGE, Amount.NONE),
        listing.foreign,
        versions,
        references.state().isTombstone() ? Standing.DROPPED : Standing.LIVE);
  }
}
