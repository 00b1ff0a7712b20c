package io.tidemark.location.s3;

import io.tidemark.location.Blob;
import io.tidemark.location.BlobContract;
import org.junit.jupiter.api.Test;

class S3BlobTest extends BlobContract {

  private final String bucket = S3Fixture.freshBucket();

  @Override
  protected Blob open(String location) {
    S3Fixture.server().keepFolder(bucket, "deep/" + location + "/parts/s/w");
    return S3Blob.open(S3Fixture.location(bucket, "deep/" + location));
  }

  @Override
  protected boolean findsADeletedObjectOnce() {
    return false;
  }

  @Override
  protected int rounds() {
    return 20;
  }

  @Test
  void shouldRefuseCallsOnceClosed() {
    S3Blob blob = (S3Blob) open("a");
    blob.close();

    assertRefusesCalls(blob);
    blob.close();
  }
}
