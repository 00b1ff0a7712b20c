package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.progress.Antichain;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SinceHandleTest {

  private final ShardFixture shard = new ShardFixture(new Bounds());

  @BeforeEach
  void append() {
    shard.append(shard.startEpoch(), inlineAppend(0, 100, rows(1, 1)));
  }

  private SinceHandle open(String name, long token) {
    return shard.world.result(shard.open().openSince(name, token));
  }

  private boolean move(SinceHandle since, long expected, long token, long to) {
    return shard.world.result(since.compareAndDowngradeSince(expected, token, Antichain.of(to)));
  }

  @Test
  void shouldMoveTheSinceOfTheShard() {
    SinceHandle since = open("retention", 1);

    assertTrue(move(since, 1, 1, 40));

    assertEquals(Antichain.of(40), shard.state().since());
    assertEquals(Antichain.of(40), since.since());
  }

  @Test
  void shouldFenceWhoDoesNotKnowTheToken() {
    SinceHandle old = open("retention", 1);
    SinceHandle young = open("retention", 2);
    assertEquals(1, young.token(), "what is there keeps its token");
    assertTrue(move(young, 1, 2, 10));

    assertFalse(move(old, 1, 1, 40));

    assertEquals(2, old.token());
    assertEquals(Antichain.of(10), old.since());
    assertEquals(Antichain.of(10), shard.state().since());
  }

  @Test
  void shouldAskTheStoreBeforeItRefuses() {
    SinceHandle behind = open("retention", 1);
    assertTrue(move(open("retention", 1), 1, 5, 10));

    assertTrue(move(behind, 5, 6, 20), "the token that is expected came after what it has read");
  }

  @Test
  void shouldMoveOnlyForwardThoughTheTokenMoves() {
    SinceHandle since = open("retention", 1);
    assertTrue(move(since, 1, 1, 40));

    assertTrue(move(since, 1, 2, 30));

    assertEquals(2, since.token());
    assertEquals(Antichain.of(40), since.since());
  }

  @Test
  void shouldFollowTheLeastOfAllAndNeverPassTheUpper() {
    SinceHandle one = open("one", 1);
    SinceHandle other = open("other", 1);
    ReadHandle reader = shard.world.result(shard.open().openReader("a test"));
    assertTrue(move(one, 1, 1, 50));
    assertEquals(Antichain.minimum(), shard.state().since());
    assertTrue(move(other, 1, 1, 60));
    assertEquals(Antichain.minimum(), shard.state().since());
    shard.world.result(reader.downgradeSince(Antichain.of(20)));
    assertEquals(Antichain.of(20), shard.state().since());
    shard.world.result(reader.close());
    assertTrue(move(one, 1, 1, 5000));
    assertEquals(Antichain.of(60), shard.state().since());
    assertTrue(move(other, 1, 1, 5000));
    assertEquals(Antichain.of(100), shard.state().since());
  }

  @Test
  void shouldNotMoveTheSinceOnlyBecauseAReaderIsTakenAway() {
    SinceHandle since = open("retention", 1);
    ReadHandle reader = shard.world.result(shard.open().openReader("a test"));
    assertTrue(move(since, 1, 1, 50));
    shard.world.result(reader.downgradeSince(Antichain.of(10)));
    assertEquals(Antichain.of(10), shard.state().since());

    ReadHandleTest.expireAll(shard);
    assertEquals(Antichain.of(10), shard.state().since(), "it stays until somebody moves it");
    assertTrue(move(since, 1, 1, 50));

    assertEquals(Antichain.of(50), shard.state().since());
  }
}
