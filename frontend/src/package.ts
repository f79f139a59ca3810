import "./package.css";
import { mountPackages } from "./package_player";

mountPackages();
