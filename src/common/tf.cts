// TensorFlow.js, which is one file of CommonJS. Node reads all of it twice where it is imported, the first time for its names alone; required, it is
// read once.
import tf = require('@tensorflow/tfjs');
export = tf;
