package io.tidemark.location.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.location.Await;
import io.tidemark.location.Consensus.Version;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many processes, as it were, that want one number at the same time. */
class S3RaceTest {

  private static final int RACERS = 8;
  private static final int ROUNDS = 40;

  private final String bucket = S3Fixture.freshBucket();

  @Test
  void shouldLetExactlyOneOfManyWinANumber() {
    List<S3Consensus> racers = new ArrayList<>();
    for (int i = 0; i < RACERS; i++) {
      racers.add(S3Consensus.open(S3Fixture.location(bucket, "p"), S3Fixture.environment()));
    }

    for (int round = 0; round < ROUNDS; round++) {
      List<Future<Boolean>> racing = new ArrayList<>();
      for (int i = 0; i < RACERS; i++) {
        racing.add(racers.get(i).compareAndSet("k", new Version(round, new byte[] {(byte) i})));
      }
      List<Integer> winners = new ArrayList<>();
      for (int i = 0; i < RACERS; i++) {
        if (Await.result(racing.get(i))) {
          winners.add(i);
        }
      }
      assertEquals(1, winners.size(), "round " + round + " was won by " + winners);
      Version head = Await.result(racers.get(0).head("k")).orElseThrow();
      assertEquals(round + " " + winners.get(0), head.seqno() + " " + head.data()[0]);
    }
    racers.forEach(S3Consensus::close);
  }

  @Test
  void shouldForgetTheHeadsOfKeysThatWereNotUsedForLongest() {
    KnownHeads known = new KnownHeads();
    for (int i = 0; i <= KnownHeads.MAX_KEYS; i++) {
      known.committed("k" + i, i);
      known.committed("k" + i, i - 1);
    }

    assertEquals(KnownHeads.MAX_KEYS, known.size());
    assertEquals(KnownHeads.NONE, known.of("k0"));
    assertEquals(1, known.of("k1"));
  }
}
