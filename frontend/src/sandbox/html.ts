import { Bridge } from "./bridge";
import { addStandIns, showAbove } from "./stand_ins";

// A page of an HTML package, and the page that plays H5P: for its scripts it stands alone.
declare global {
  interface Window {
    khlangBridge: Bridge;
  }
}
addStandIns();
window.khlangBridge = new Bridge();
showAbove(window);
