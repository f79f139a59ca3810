import Hls from "#hls";
console.log(Hls.isSupported(), new Hls());
