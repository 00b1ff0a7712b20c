package io.tidemark.location.s3;

import io.tidemark.location.Consensus;
import io.tidemark.location.ConsensusContract;
import org.junit.jupiter.api.Test;

class S3ConsensusTest extends ConsensusContract {

  private final String bucket = S3Fixture.freshBucket();

  @Override
  protected Consensus open(String location) {
    // The last trial of a store that is opened may be all that there is.
    S3Fixture.server().keepFolder(bucket, "deep/" + location + "/consensus");
    return S3Consensus.open(
        S3Fixture.location(bucket, "deep/" + location), S3Fixture.environment());
  }

  @Override
  protected int winsPerRacer() {
    return 15;
  }

  @Test
  void shouldRefuseCallsOnceClosed() {
    S3Consensus consensus = (S3Consensus) open("a");
    consensus.close();

    assertRefusesCalls(consensus);
    consensus.close();
  }
}
