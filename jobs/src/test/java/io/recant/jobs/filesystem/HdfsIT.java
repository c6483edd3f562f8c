package io.recant.jobs.filesystem;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A run on HDFS. */
class HdfsIT extends FilesystemContract {

  private MiniDFSCluster cluster;

  @Override
  String begin(Path scratch, Configuration hadoop) throws Exception {
    Configuration servers = new Configuration();
    servers.set("dfs.namenode.http-address", "127.0.0.1:0");
    servers.set("dfs.datanode.http.address", "127.0.0.1:0");
    cluster = new MiniDFSCluster.Builder(servers, scratch.resolve("hdfs").toFile()).build();
    cluster.waitActive();
    return cluster.getFileSystem().getUri() + "/data";
  }

  @Override
  void end() {
    cluster.shutdown();
  }
}
