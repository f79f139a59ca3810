/** Stands in for parts of hls.js that our playlists (fMP4 only, no DRM, no ads) never reach. */
export default class Unused {
  /** Asked by hls.js of every demuxer: "are these bytes yours?". */
  static probe(): boolean {
    return false;
  }
}
export {
  Unused as AC3Demuxer,
  Unused as IFrameController,
  Unused as SubtitleStreamController,
  Unused as TimelineController,
};
